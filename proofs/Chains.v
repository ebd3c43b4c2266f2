(** The rules of the search for proofs (boundcheck prove --search): what the links of a found chain rest on.

    A chain is L = t0 <= t1 <= ... <= tn = R. A link adds a fact a <= b, times a factor that is not negative, to the term
    before it. A fact is an instance of a lemma here, or of a premise; averaged over indices; or taken at the index where an
    extremum is attained.

      turned f u v               u - v, or v - u if f: a difference as it is written in a statement
      positive, equal, averaged  close what a link leaves: that the factor is not negative, that both sides differ by the
                                 fact, the same after means of sums are written as sums of means *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Norms.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

(* ---------------------------------------------------------------------------------------------------------- links *)

Section Links.
Variable R : realFieldType.
Implicit Types a b c s t : R.

Lemma link c a b s t : a <= b -> 0 <= c -> t - s = c * (b - a) -> s <= t.
Proof. by move=> le_ab c_ge0 gap; rewrite -subr_ge0 gap mulr_ge0 // subr_ge0. Qed.

Lemma link2 c a b a' b' s t : a <= b -> a' <= b' -> 0 <= c -> t - s = (b - a) + c * (b' - a') -> s <= t.
Proof. by move=> le_ab le_ab' c_ge0 gap; rewrite -subr_ge0 gap addr_ge0 ?mulr_ge0 ?subr_ge0. Qed.

Lemma link3 c c' a b a' b' a'' b'' s t : a <= b -> a' <= b' -> a'' <= b'' -> 0 <= c -> 0 <= c' ->
  t - s = (b - a) + c * (b' - a') + c' * (b'' - a'') -> s <= t.
Proof.
move=> le_ab le_ab' le_ab'' c_ge0 c'_ge0 gap; rewrite -subr_ge0 gap.
by apply: addr_ge0; [apply: addr_ge0|]; rewrite ?mulr_ge0 ?subr_ge0.
Qed.

Lemma le_of_eq a b : a = b -> a <= b.
Proof. by move->. Qed.

Lemma square_ge0 a : 0 <= a ^+ 2.
Proof. exact: sqr_ge0. Qed.

Lemma le_squared a b : 0 <= a -> a <= b -> a ^+ 2 <= b ^+ 2.
Proof. by move=> a_ge0 le_ab; rewrite ler_expn2r ?nnegrE // (le_trans a_ge0). Qed.

Lemma product_link a b a' b' s t : a <= b -> a' <= b' -> t - s = (b - a) * (b' - a') -> s <= t.
Proof. by move=> le_ab le_ab' gap; rewrite -subr_ge0 gap mulr_ge0 ?subr_ge0. Qed.

Lemma le_min s a b : s <= a -> s <= b -> s <= Num.min a b.
Proof. by move=> le_a le_b; rewrite le_minr le_a. Qed.

Lemma max_le s a b : a <= s -> b <= s -> Num.max a b <= s.
Proof. by move=> le_a le_b; rewrite le_maxl le_a. Qed.

Lemma max_cases a b : Num.max a b = a \/ Num.max a b = b.
Proof. by case: (leP a b) => _; [right|left]. Qed.

Lemma min_cases a b : Num.min a b = a \/ Num.min a b = b.
Proof. by case: (leP a b) => _; [left|right]. Qed.

Lemma abs_cases a : `|a| = a \/ `|a| = - a.
Proof. by case: (ger0P a) => _; [left|right]. Qed.

Lemma abs_ge_opp a : - a <= `|a|.
Proof. by rewrite -normrN ler_norm. Qed.

End Links.

(* --------------------------------------------------------------------------------------------------------- averages *)

Section Means.
Variables (R : realFieldType) (n : nat).
Implicit Types F G : 'I_n.+1 -> R.

Lemma mean_opp F : \mean_(i < n.+1) - F i = - \mean_(i < n.+1) F i.
Proof. by rewrite sumrN mulrN. Qed.

Lemma mean_scaled (c : R) F : \mean_(i < n.+1) (c * F i) = c * \mean_(i < n.+1) F i.
Proof. by rewrite -mulr_sumr mulrCA. Qed.

Lemma mean_scaled_product (c : R) F G : \mean_(i < n.+1) (c * F i * G i) = c * \mean_(i < n.+1) (F i * G i).
Proof. by rewrite -mean_scaled; congr (_ * _); apply: eq_bigr => i _; rewrite mulrA. Qed.

Lemma mean_scaled_right (c : R) F : \mean_(i < n.+1) (F i * c) = (\mean_(i < n.+1) F i) * c.
Proof. by rewrite -mulr_suml mulrA. Qed.

Lemma eq_mean F G : (forall i, F i = G i) -> \mean_(i < n.+1) F i = \mean_(i < n.+1) G i.
Proof. by move=> FG; congr (_ * _); apply: eq_bigr. Qed.

Lemma eq_sum F G : (forall i, F i = G i) -> \sum_(i < n.+1) F i = \sum_(i < n.+1) G i.
Proof. by move=> FG; apply: eq_bigr. Qed.

Lemma eq_max F G : (forall i, F i = G i) ->
  \big[Num.max/F ord0]_(i < n.+1) F i = \big[Num.max/G ord0]_(i < n.+1) G i.
Proof. by move=> FG; rewrite FG; apply: eq_bigr. Qed.

Lemma eq_min F G : (forall i, F i = G i) ->
  \big[Num.min/F ord0]_(i < n.+1) F i = \big[Num.min/G ord0]_(i < n.+1) G i.
Proof. by move=> FG; rewrite FG; apply: eq_bigr. Qed.

Lemma sum_mean F : \sum_(i < n.+1) F i = n.+1%:R * \mean_(i < n.+1) F i.
Proof. by rewrite mulrA divff ?size_neq0 // mul1r. Qed.

End Means.

Section WeightedMeans.
Variables (R : realFieldType) (n : nat) (a : 'I_n.+1 -> R).
Hypotheses (a_ge0 : forall i, 0 <= a i) (a_gt0 : 0 < \sum_(i < n.+1) a i).
Implicit Types F G : 'I_n.+1 -> R.

Lemma le_share F G : (forall i, F i <= G i) -> \sum_(i < n.+1) share n a i * F i <= \sum_(i < n.+1) share n a i * G i.
Proof using a_ge0 a_gt0. by move=> leFG; apply: average_mono => // i; apply: share_ge0. Qed.

Lemma eq_share F G : (forall i, F i = G i) ->
  \sum_(i < n.+1) share n a i * F i = \sum_(i < n.+1) share n a i * G i.
Proof. by move=> FG; apply: eq_bigr => i _; rewrite FG. Qed.

Lemma share_add F G : \sum_(i < n.+1) share n a i * (F i + G i) =
  (\sum_(i < n.+1) share n a i * F i) + (\sum_(i < n.+1) share n a i * G i).
Proof. by rewrite -big_split; apply: eq_bigr => i _; rewrite mulrDr. Qed.

Lemma share_opp F : \sum_(i < n.+1) share n a i * (- F i) = - (\sum_(i < n.+1) share n a i * F i).
Proof. by rewrite -sumrN; apply: eq_bigr => i _; rewrite mulrN. Qed.

Lemma share_scaled (c : R) F : \sum_(i < n.+1) share n a i * (c * F i) = c * (\sum_(i < n.+1) share n a i * F i).
Proof. by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite mulrCA. Qed.

Lemma share_const (c : R) : \sum_(i < n.+1) share n a i * c = c.
Proof using a_gt0. by apply: average_const; apply: share_sum. Qed.

End WeightedMeans.

Section Swaps.
Variables (R : realFieldType) (n p : nat) (a : 'I_n.+1 -> R) (b : 'I_p.+1 -> R).
Implicit Type F : 'I_n.+1 -> 'I_p.+1 -> R.

Lemma mean_mean_swap F :
  \mean_(i < n.+1) \mean_(j < p.+1) F i j = \mean_(j < p.+1) \mean_(i < n.+1) F i j.
Proof. by rewrite -!mulr_sumr exchange_big mulrCA. Qed.

Lemma share_share_swap F : \sum_(i < n.+1) share n a i * (\sum_(j < p.+1) share p b j * F i j) =
  \sum_(j < p.+1) share p b j * (\sum_(i < n.+1) share n a i * F i j).
Proof.
under eq_bigr do rewrite mulr_sumr; under [RHS]eq_bigr do rewrite mulr_sumr.
by rewrite exchange_big; apply: eq_bigr => j _; apply: eq_bigr => i _; rewrite mulrCA.
Qed.

Lemma mean_share_swap F : \mean_(i < n.+1) (\sum_(j < p.+1) share p b j * F i j) =
  \sum_(j < p.+1) share p b j * (\mean_(i < n.+1) F i j).
Proof. by rewrite exchange_big mulr_sumr; apply: eq_bigr => j _; rewrite mulrCA -mulr_sumr. Qed.

End Swaps.

Lemma share_mean_swap (R : realFieldType) (n p : nat) (a : 'I_n.+1 -> R) (F : 'I_n.+1 -> 'I_p.+1 -> R) :
  \sum_(i < n.+1) share n a i * (\mean_(j < p.+1) F i j) = \mean_(j < p.+1) (\sum_(i < n.+1) share n a i * F i j).
Proof. by rewrite (mean_share_swap a (fun j i => F i j)). Qed.

(* ------------------------------------------------------------------------------------------------------ couplings *)

Section Couplings.
Variables (R : realFieldType) (n p : nat) (P : 'I_n.+1 -> 'I_p.+1 -> R).
Hypothesis P_ge0 : forall i j, 0 <= P i j.
Hypothesis P_rows : forall i, \sum_(j < p.+1) P i j = n.+1%:R^-1.
Hypothesis P_columns : forall j, \sum_(i < n.+1) P i j = p.+1%:R^-1.
Implicit Types F G : 'I_n.+1 -> 'I_p.+1 -> R.

Lemma le_coupled F G : (forall i j, F i j <= G i j) ->
  \sum_(i < n.+1) \sum_(j < p.+1) P i j * F i j <= \sum_(i < n.+1) \sum_(j < p.+1) P i j * G i j.
Proof using P_ge0. by move=> leFG; apply: ler_sum => i _; apply: ler_sum => j _; apply: ler_wpmul2l. Qed.

Lemma coupled_add F G : \sum_(i < n.+1) \sum_(j < p.+1) P i j * (F i j + G i j) =
  (\sum_(i < n.+1) \sum_(j < p.+1) P i j * F i j) + (\sum_(i < n.+1) \sum_(j < p.+1) P i j * G i j).
Proof.
by rewrite -big_split; apply: eq_bigr => i _; rewrite -big_split; apply: eq_bigr => j _; rewrite mulrDr.
Qed.

Lemma coupled_scaled (c : R) F : \sum_(i < n.+1) \sum_(j < p.+1) P i j * (c * F i j) =
  c * (\sum_(i < n.+1) \sum_(j < p.+1) P i j * F i j).
Proof.
by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mulrCA.
Qed.

Definition coupled_laws := (coupled_add, coupled_scaled).

Lemma coupled_rows (F : 'I_n.+1 -> R) : \sum_(i < n.+1) \sum_(j < p.+1) P i j * F i = \mean_(i < n.+1) F i.
Proof using P_rows. by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite -mulr_suml P_rows. Qed.

Lemma coupled_columns (G : 'I_p.+1 -> R) : \sum_(i < n.+1) \sum_(j < p.+1) P i j * G j = \mean_(j < p.+1) G j.
Proof using P_columns.
by rewrite exchange_big mulr_sumr; apply: eq_bigr => j _; rewrite -mulr_suml P_columns.
Qed.

Lemma coupled_const (c : R) : \sum_(i < n.+1) \sum_(j < p.+1) P i j * c = c.
Proof using P_rows. by rewrite (coupled_rows (fun=> c)) mean_const. Qed.

End Couplings.

(* ---------------------------------------------------------------------------------------------------------- norms *)

Definition turned (V : zmodType) (flip : bool) (u v : V) : V := if flip then v - u else u - v.

Section Norms.
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

Lemma turned_norm f u v : N (turned f u v) = N (u - v).
Proof using normZ. by case: f => //=; apply: distC. Qed.

Lemma norm_turned u v : N (u - v) = N (v - u).
Proof using normZ. exact: distC. Qed.

Lemma triangle f g h v u w : N (turned f u w) <= N (turned g u v) + N (turned h v w).
Proof using normD normZ. by rewrite !turned_norm; apply: dist_triangle. Qed.

Lemma length_triangle f u v : N u <= N (turned f u v) + N v.
Proof using normD normZ. by rewrite turned_norm -{1}(subrK v u). Qed.

Lemma apart_lengths f u v : N (turned f u v) <= N u + N v.
Proof using normD normZ.
by rewrite turned_norm (le_trans (normD _ _)) // ler_add2l -scaleN1r normZ normrN1 mul1r.
Qed.

Lemma norm_mean n (x : 'I_n.+1 -> V) : N (centroid n x) <= \mean_(i < n.+1) N (x i).
Proof using normD normZ.
by rewrite normZ ger0_norm ?size_inv_ge0 //; apply: ler_wpmul2l; [apply: size_inv_ge0|apply: norm_sum].
Qed.

Lemma norm_mean_from n (x : 'I_n.+1 -> V) v : N (centroid n x - v) <= \mean_(i < n.+1) N (x i - v).
Proof using normD normZ.
have -> : centroid n x - v = centroid n (fun i => x i - v).
  by rewrite sumrB scalerBr sumr_const card_ord -[v *+ _]scaler_nat scalerA mulVf ?size_neq0 // scale1r.
exact: norm_mean.
Qed.

Lemma mean_turned g n (x z : 'I_n.+1 -> V) :
  \mean_(i < n.+1) N (turned g (x i) (z i)) = \mean_(i < n.+1) N (x i - z i).
Proof using normZ. by congr (_ * _); apply: eq_bigr => i _; apply: turned_norm. Qed.

Lemma norm_mean_to f g n (x : 'I_n.+1 -> V) v :
  N (turned f (centroid n x) v) <= \mean_(i < n.+1) N (turned g (x i) v).
Proof using normD normZ. by rewrite turned_norm (mean_turned g x (fun=> v)); apply: norm_mean_from. Qed.

Lemma norm_means f g n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  N (turned f (centroid n x) (centroid p z)) <= \mean_(i < n.+1) \mean_(j < p.+1) N (turned g (x i) (z j)).
Proof using normD normZ.
apply: le_trans (norm_mean_to f false x _) _; apply: mean_mono => i.
by rewrite (mean_turned g (fun=> x i) z); apply: (norm_mean_to true true z (x i)).
Qed.

Lemma norm_pairs f g n (x z : 'I_n.+1 -> V) :
  N (turned f (centroid n x) (centroid n z)) <= \mean_(l < n.+1) N (turned g (x l) (z l)).
Proof using normD normZ. by rewrite turned_norm mean_turned -scalerBr -sumrB; apply: norm_mean. Qed.

Lemma norm_sums f g n (x z : 'I_n.+1 -> V) :
  N (turned f (\sum_(i < n.+1) x i) (\sum_(j < n.+1) z j)) = n.+1%:R * N (turned g (centroid n x) (centroid n z)).
Proof using normZ. by rewrite !turned_norm -scalerBr normZ ger0_norm ?size_inv_ge0 // mulVKf ?size_neq0. Qed.

Lemma norm_share_to n (a : 'I_n.+1 -> R) (a_ge0 : forall i, 0 <= a i) (a_gt0 : 0 < \sum_(i < n.+1) a i) f g
    (x : 'I_n.+1 -> V) v :
  N (turned f (\sum_(i < n.+1) share n a i *: x i) v) <= \sum_(i < n.+1) share n a i * N (turned g (x i) v).
Proof using normD normZ.
have -> : turned f (\sum_(i < n.+1) share n a i *: x i) v = \sum_(i < n.+1) share n a i *: turned f (x i) v.
  have vE : v = \sum_(i < n.+1) share n a i *: v by rewrite -scaler_suml share_sum // scale1r.
  by case: f => /=; rewrite {1}vE -sumrB; apply: eq_bigr => i _; rewrite scalerBr.
rewrite [leRHS](eq_bigr (fun i => share n a i * N (turned f (x i) v))); last by move=> i _; rewrite !turned_norm.
by apply: (norm_average normD normZ) => i; apply: share_ge0.
Qed.

Lemma norm_coupled n p (P : 'I_n.+1 -> 'I_p.+1 -> R) (P_ge0 : forall i j, 0 <= P i j)
    (P_rows : forall i, \sum_(j < p.+1) P i j = n.+1%:R^-1) (P_columns : forall j, \sum_(i < n.+1) P i j = p.+1%:R^-1)
    f g (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  N (turned f (centroid n x) (centroid p z)) <= \sum_(i < n.+1) \sum_(j < p.+1) P i j * N (turned g (x i) (z j)).
Proof using normD normZ.
rewrite turned_norm [leRHS](eq_bigr (fun i => \sum_(j < p.+1) P i j * N (x i - z j))); last first.
  by move=> i _; apply: eq_bigr => j _; rewrite turned_norm.
by rewrite !centroidE; apply: (norm_coupling normD normZ).
Qed.

End Norms.

Lemma lipschitz_turned (R : realFieldType) (V V' : lmodType R) (N : V -> R) (N' : V' -> R) (g : V -> V') (L : R) :
  (forall (a : R) v, N (a *: v) = `|a| * N v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  (forall u v, N' (g u - g v) <= L * N (u - v)) ->
  forall f h u v, N' (turned f (g u) (g v)) <= L * N (turned h u v).
Proof. by move=> normZ normZ' lip f h u v; rewrite (turned_norm normZ) (turned_norm normZ'). Qed.

(* -------------------------------------------------------------------------------------------------- inner products *)

(** A norm whose square is an inner product; that there are roots is not used, so the field need not have any. *)
Section InnerProducts.
Variables (R : realFieldType) (V : lmodType R) (N : V -> R) (ip : V -> V -> R).
Hypothesis ip_sym : forall u v, ip u v = ip v u.
Hypothesis ip_scale : forall (a : R) u v, ip (a *: u) v = a * ip u v.
Hypothesis ip_add : forall u u' v, ip (u + u') v = ip u v + ip u' v.
Hypothesis N_squared : forall u, N u ^+ 2 = ip u u.

Lemma sum_squared u v : N (u + v) ^+ 2 = ip u u + 2%:R * ip u v + ip v v.
Proof using ip_sym ip_add N_squared.
by rewrite N_squared ip_add (ip_sym u) (ip_sym v) !ip_add (ip_sym v u); ring.
Qed.

Lemma ip_opp u v : ip (- u) v = - ip u v.
Proof using ip_scale. by rewrite -scaleN1r ip_scale mulN1r. Qed.

Lemma dist_squared u v : N (u - v) ^+ 2 = ip u u - 2%:R * ip u v + ip v v.
Proof using ip_sym ip_scale ip_add N_squared.
by rewrite sum_squared (ip_sym u (- v)) !ip_opp (ip_sym v (- v)) ip_opp (ip_sym v u); ring.
Qed.

Lemma ip_meanl n (x : 'I_n.+1 -> V) v : ip (centroid n x) v = \mean_(i < n.+1) ip (x i) v.
Proof using ip_scale ip_add.
rewrite ip_scale; congr (_ * _); apply: (big_morph (ip^~ v)) => [u u'|]; first exact: ip_add.
by rewrite -(scale0r 0) ip_scale mul0r.
Qed.

Lemma ip_meanr n (x : 'I_n.+1 -> V) u : ip u (centroid n x) = \mean_(i < n.+1) ip u (x i).
Proof using ip_sym ip_scale ip_add.
by rewrite ip_sym ip_meanl; congr (_ * _); apply: eq_bigr => i _; apply: ip_sym.
Qed.

Lemma ip_means n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  ip (centroid n x) (centroid p z) = \mean_(i < n.+1) \mean_(j < p.+1) ip (x i) (z j).
Proof using ip_sym ip_scale ip_add.
by rewrite ip_meanl; congr (_ * _); apply: eq_bigr => i _; rewrite ip_meanr.
Qed.

End InnerProducts.

(* --------------------------------------------------------------------------------------------------------- tactics *)

Ltac positive :=
  repeat first [assumption | exact: ler01 | exact: ler0n | rewrite invr_ge0
               | apply: mulr_ge0 | apply: divr_ge0 | apply: exprn_ge0 | apply: addr_ge0].
Ltac above := repeat first [exact: ltr01 | exact: ltr0Sn | (apply: ltr_paddr; first exact: ler0n)
                           | apply: addr_gt0 | apply: mulr_gt0 | apply: exprn_gt0].
Ltac nonzero := repeat (first [split | apply/andP; split]); try (apply: lt0r_neq0; above).
(* A sum whose summands are products is elaborated over another path of structures than one whose summands are norms. *)
Ltac same_sums :=
  repeat match goal with
  | |- context [@BigOp.bigop ?A ?I ?z ?r ?F] =>
    match goal with
    | |- context [@BigOp.bigop ?B ?I ?y ?r ?G] =>
      assert_fails (constr_eq (@BigOp.bigop A I z r F) (@BigOp.bigop B I y r G));
      change (@BigOp.bigop B I y r G) with (@BigOp.bigop A I z r F)
    end
  end.
Ltac equal := first [reflexivity | ring | by field; nonzero | same_sums; first [reflexivity | ring | by field; nonzero]].
Ltac distributed :=
  cbv beta;
  rewrite ?(meanD, mean_opp, mean_scaled_product, mean_scaled, mean_scaled_right, mean_const,
            share_add, share_opp, share_scaled, share_const) //.
Ltac averaged := distributed; equal.
