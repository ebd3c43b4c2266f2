(** A counterexample, computed. The first part is the same whatever is refuted; the theorem is the last.

    coqc 8.16 with mathcomp 1.15 compiles the file by itself, and prints the axioms that the theorem rests on. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From Coq Require Import ZArith QArith_base Qreduction.
From mathcomp Require Import all_ssreflect all_algebra ssrZ ring.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ---------------------------------------------------------------------------------------------- the calculator *)

(** A lower and an upper end; None where nothing is known. Each operation has a lemma encl_... further down, which shows
    that what it computes encloses what it should. *)
Notation enclosure := (option (Q * Q)).

Definition zero : Q := Qmake Z0 1.
Definition one : Q := Qmake (Zpos 1) 1.
Definition exactly (q : Q) : enclosure := Some (q, q).
Definition lesser (a b : Q) := if Qle_bool a b then a else b.
Definition greater (a b : Q) := if Qle_bool a b then b else a.
Definition plus (a b : Q) := Qred (Qplus a b).
Definition times (a b : Q) := Qred (Qmult a b).

Definition lift1 (f : Q -> Q -> enclosure) (e : enclosure) := if e is Some (a, b) then f a b else None.
Definition lift2 (f : Q -> Q -> Q -> Q -> enclosure) (e e' : enclosure) :=
  if e is Some (a, b) then if e' is Some (c, d) then f a b c d else None else None.

Definition add := lift2 (fun a b c d => Some (plus a c, plus b d)).
Definition opp := lift1 (fun a b => Some (Qopp b, Qopp a)).
Definition mul := lift2 (fun a b c d =>
  Some (lesser (lesser (times a c) (times a d)) (lesser (times b c) (times b d)),
        greater (greater (times a c) (times a d)) (greater (times b c) (times b d)))).
Definition inv := lift1 (fun a b =>
  if [|| ~~ Qle_bool a zero, ~~ Qle_bool zero b | Qle_bool zero a && Qle_bool b zero]
  then Some (Qinv b, Qinv a) else None).
Definition maxi := lift2 (fun a b c d => Some (greater a c, greater b d)).
Definition mini := lift2 (fun a b c d => Some (lesser a c, lesser b d)).
Definition absolute e := maxi e (opp e).
Definition power (e : enclosure) n := iter n (mul e) (exactly one).

(** Roots are computed to 128 binary digits after the point, exactly where they are rational. *)
Definition fine : positive := Pos.pow 2 128.
Definition root_of (q : Q) (up : bool) : Q :=
  let inside := Z.mul (Z.mul (Qnum q) (Zpos (Qden q))) (Zpos (Pos.mul fine fine)) in
  let s := Z.sqrt inside in
  Qred (Qmake (if up && ~~ Z.eqb (Z.mul s s) inside then Z.succ s else s) (Pos.mul (Qden q) fine)).
Definition root := lift1 (fun a b =>
  let low := if Qle_bool a zero then zero else root_of a false in
  let high := if Qle_bool b zero then zero else root_of b true in
  if (Qle_bool a zero || Qle_bool (Qmult low low) a) && (Qle_bool b zero || Qle_bool b (Qmult high high))
     && Qle_bool zero high
  then Some (low, high) else None).

Definition total n (F : nat -> enclosure) := foldr (fun i => add (F i)) (exactly zero) (iota 0 n).
Definition highest s n (F : nat -> enclosure) := foldr (fun i => maxi (F i)) s (iota 0 n).
Definition lowest s n (F : nat -> enclosure) := foldr (fun i => mini (F i)) s (iota 0 n).

Definition at_most (e e' : enclosure) :=
  if e is Some (a, b) then if e' is Some (c, d) then Qle_bool b c else false else false.
Definition above (e e' : enclosure) :=
  if e is Some (a, b) then if e' is Some (c, d) then ~~ Qle_bool a d else false else false.

Section Enclosed.
Variable R : realFieldType.
Implicit Types (r s : R) (e : enclosure) (a b c d q : Q).

(** Rationals in any ordered field. *)
Definition Z2R (z : Z) : R := (int_of_Z z)%:~R.
Definition Q2R (q : Q) : R := Z2R (Qnum q) / Z2R (Zpos (Qden q)).

Lemma Z2RD x y : Z2R (Z.add x y) = Z2R x + Z2R y.
Proof. by rewrite /Z2R -[Z.add x y]/(x + y) !rmorphD. Qed.
Lemma Z2RM x y : Z2R (Z.mul x y) = Z2R x * Z2R y.
Proof. by rewrite /Z2R -[Z.mul x y]/(x * y) !rmorphM. Qed.
Lemma Z2RN x : Z2R (Z.opp x) = - Z2R x.
Proof. by rewrite /Z2R -[Z.opp x]/(- x) !rmorphN. Qed.
Lemma Z2R_gt0 p : 0 < Z2R (Zpos p).
Proof. by rewrite /Z2R ltr0z /= ltz_nat; apply/ssrnat.ltP/Pos2Nat.is_pos. Qed.
Lemma Z2R_pos p p' : Z2R (Zpos (Pos.mul p p')) = Z2R (Zpos p) * Z2R (Zpos p').
Proof. exact: Z2RM (Zpos p) (Zpos p'). Qed.
Lemma Z2R_neq0 p : Z2R (Zpos p) != 0.
Proof. by rewrite gt_eqF ?Z2R_gt0. Qed.
Lemma Z2R0 : Z2R Z0 = 0. Proof. exact: mulr0z. Qed.
Lemma Z2R_le x y : Z.leb x y -> Z2R x <= Z2R y.
Proof.
move/Zle_bool_imp_le/Zle_minus_le_0; rewrite /Z.sub -subr_ge0 -Z2RN -Z2RD.
case: (Z.add y _) => [_|p _|p negative].
- by rewrite /Z2R lexx.
- exact: ltW (Z2R_gt0 p).
- by case: negative.
Qed.
Lemma Z2R_lt x y : Z.ltb x y -> Z2R x < Z2R y.
Proof.
move=> lt_xy; rewrite lt_neqAle Z2R_le ?andbT; last by apply/Z.leb_le/Z.lt_le_incl/Z.ltb_lt.
apply: contraTneq lt_xy => eq_xy; apply/negP => /Z.ltb_lt/Z.lt_0_sub.
have: Z2R (Z.sub y x) = 0 by rewrite /Z.sub Z2RD Z2RN eq_xy subrr.
by case: (Z.sub y x) => // p /eqP; rewrite (negPf (Z2R_neq0 p)).
Qed.

Lemma Q2R_eq a b : Qeq a b -> Q2R a = Q2R b.
Proof.
rewrite /Qeq => eq_ab; by apply/eqP; rewrite eqr_div ?Z2R_neq0 // -!Z2RM eq_ab.
Qed.
Lemma Q2R_red a : Q2R (Qred a) = Q2R a. Proof. exact: Q2R_eq (Qred_correct a). Qed.
Lemma Q2R_le a b : Qle_bool a b -> Q2R a <= Q2R b.
Proof. by move=> le_ab; rewrite ler_pdivr_mulr ?Z2R_gt0 // mulrAC ler_pdivl_mulr ?Z2R_gt0 // -!Z2RM Z2R_le. Qed.
Lemma Q2R_lt a b : ~~ Qle_bool b a -> Q2R a < Q2R b.
Proof.
move=> lt_ab; rewrite ltr_pdivr_mulr ?Z2R_gt0 // mulrAC ltr_pdivl_mulr ?Z2R_gt0 // -!Z2RM Z2R_lt //.
by move: lt_ab; rewrite /Qle_bool Z.leb_antisym negbK.
Qed.
Lemma Q2RD a b : Q2R (plus a b) = Q2R a + Q2R b.
Proof. by rewrite Q2R_red /Q2R /= addf_div ?Z2R_neq0 // Z2RD !Z2RM Z2R_pos. Qed.
Lemma Q2R_mult a b : Q2R (Qmult a b) = Q2R a * Q2R b.
Proof. by rewrite /Q2R /= mulf_div Z2RM Z2R_pos. Qed.
Lemma Q2RM a b : Q2R (times a b) = Q2R a * Q2R b.
Proof. by rewrite Q2R_red Q2R_mult. Qed.
Lemma Q2RN a : Q2R (Qopp a) = - Q2R a.
Proof. by rewrite /Q2R /= Z2RN mulNr. Qed.
Lemma Q2R_nat n : Q2R (Qmake (Z.of_nat n) 1) = n%:R.
Proof. by rewrite /Q2R /Z2R /= divr1; case: n => // n; rewrite /= SuccNat2Pos.id_succ. Qed.
Lemma Q2R0 : Q2R zero = 0. Proof. exact: Q2R_nat O. Qed.
Lemma Q2RV a : Q2R (Qinv a) = (Q2R a)^-1.
Proof.
case: a => [[|p|p] q]; rewrite /Q2R /Qinv /= ?invf_div //.
  by rewrite Z2R0 mul0r invr0 mulr0.
by rewrite -![Zneg _]/(Z.opp (Zpos _)) !Z2RN invrN mulNr mulrN.
Qed.

Lemma Q2R_lesser a b : Q2R (lesser a b) = Num.min (Q2R a) (Q2R b).
Proof.
rewrite /lesser; case: ifP => [/Q2R_le/min_l->|/negbT/Q2R_lt/ltW/min_r->] //.
Qed.
Lemma Q2R_greater a b : Q2R (greater a b) = Num.max (Q2R a) (Q2R b).
Proof.
rewrite /greater; case: ifP => [/Q2R_le/max_r->|/negbT/Q2R_lt/ltW/max_l->] //.
Qed.

(* ----------------------------------------------------------------------------------------------- enclosures *)

Definition encl r e := if e is Some (a, b) then Q2R a <= r <= Q2R b else true.

Lemma encl_exactly q : encl (Q2R q) (exactly q).
Proof. by rewrite /encl /= lexx. Qed.
Lemma encl_nat n : encl n%:R (exactly (Qmake (Z.of_nat n) 1)).
Proof. by rewrite -Q2R_nat encl_exactly. Qed.
Lemma encl0 : encl 0 (exactly zero). Proof. by rewrite -Q2R0 encl_exactly. Qed.
Lemma encl1 : encl 1 (exactly one). Proof. exact: encl_nat (S O). Qed.
Lemma encl_add r s e e' : encl r e -> encl s e' -> encl (r + s) (add e e').
Proof.
case: e e' => [[a b]|] [[c d]|] //=; rewrite !Q2RD => /andP[ar rb] /andP[cs sd].
by rewrite !ler_add.
Qed.
Lemma encl_opp r e : encl r e -> encl (- r) (opp e).
Proof. by case: e => [[a b]|] //=; rewrite !Q2RN !ler_opp2 andbC. Qed.
Lemma between (a b r s : R) : a <= r <= b -> Num.min (a * s) (b * s) <= r * s <= Num.max (a * s) (b * s).
Proof.
move=> /andP[ar rb]; rewrite le_minl le_maxr; case: (lerP 0 s) => [s_ge0|/ltW s_le0].
  by apply/andP; split; apply/orP; [left | right]; apply: ler_wpmul2r.
by apply/andP; split; apply/orP; [right | left]; apply: ler_wnmul2r.
Qed.
Lemma encl_mul r s e e' : encl r e -> encl s e' -> encl (r * s) (mul e e').
Proof.
case: e e' => [[a b]|] [[c d]|] //=; rewrite !(Q2R_lesser, Q2R_greater, Q2RM) => r_in s_in.
have /andP[low high] := between s r_in.
have /andP[lowa higha] := between (Q2R a) s_in; have /andP[lowb highb] := between (Q2R b) s_in.
move: lowa higha lowb highb; rewrite ![_ * Q2R a]mulrC ![_ * Q2R b]mulrC => lowa higha lowb highb.
apply/andP; split.
  apply: le_trans low; rewrite le_minr.
  by apply/andP; split; [apply: le_trans lowa | apply: le_trans lowb]; rewrite le_minl lexx ?orbT.
apply: le_trans high _; rewrite le_maxl.
by apply/andP; split; [apply: le_trans higha _ | apply: le_trans highb _]; rewrite le_maxr lexx ?orbT.
Qed.
Lemma encl_max r s e e' : encl r e -> encl s e' -> encl (Num.max r s) (maxi e e').
Proof.
case: e e' => [[a b]|] [[c d]|] //=; rewrite !Q2R_greater => /andP[ar rb] /andP[cs sd].
by rewrite !(le_maxl, le_maxr) ar cs rb sd ?orbT.
Qed.
Lemma encl_min r s e e' : encl r e -> encl s e' -> encl (Num.min r s) (mini e e').
Proof.
case: e e' => [[a b]|] [[c d]|] //=; rewrite !Q2R_lesser => /andP[ar rb] /andP[cs sd].
by rewrite !(le_minr, le_minl) ar cs rb sd ?orbT.
Qed.
Lemma encl_abs r e : encl r e -> encl `|r| (absolute e).
Proof.
move=> r_in; have -> : `|r| = Num.max r (- r); last exact: encl_max (encl_opp _).
case: (leP 0 r) => [r_ge0|/ltW r_le0]; [rewrite ger0_norm // | rewrite ler0_norm //].
  by apply/esym/max_l/(le_trans _ r_ge0); rewrite oppr_le0.
by apply/esym/max_r/(le_trans r_le0); rewrite oppr_ge0.
Qed.
Lemma encl_inv r e : encl r e -> encl r^-1 (inv e).
Proof.
case: e => [[a b]|] //=; case: ifP => //= signed /andP[ar rb]; rewrite !Q2RV.
case/or3P: signed => [/Q2R_lt|/Q2R_lt|/andP[/Q2R_le a_ge0 /Q2R_le b_le0]]; rewrite ?Q2R0.
- move=> a_gt0; have r_gt0 := lt_le_trans a_gt0 ar; have b_gt0 := lt_le_trans r_gt0 rb.
  by rewrite !lef_pinv ?posrE ?rb.
- move=> b_lt0; have r_lt0 := le_lt_trans rb b_lt0; have a_lt0 := le_lt_trans ar r_lt0.
  by rewrite !lef_ninv ?negrE ?rb.
rewrite Q2R0 in a_ge0 b_le0.
have /eqP r0 : r == 0 by rewrite eq_le (le_trans rb b_le0) (le_trans a_ge0 ar).
have /eqP a0 : Q2R a == 0 by rewrite eq_le a_ge0 -r0 ar.
have /eqP b0 : Q2R b == 0 by rewrite eq_le b_le0 -r0 rb.
by rewrite a0 b0 r0 lexx.
Qed.
Lemma encl_power r e n : encl r e -> encl (r ^+ n) (power e n).
Proof. by move=> r_in; elim: n => [|n IHn]; rewrite ?expr0 ?exprS /=; [exact: encl1 | exact: encl_mul]. Qed.

(** Families are numbered: what encloses F i depends on i as a natural number alone. *)
Section Families.
Variables (n : nat) (F : 'I_n -> R) (G : nat -> enclosure).
Hypothesis FG : forall i k, val i = k -> encl (F i) (G k).

Let fold_encl op (f : R -> R -> R) r e :
  (forall r s e e', encl r e -> encl s e' -> encl (f r s) (op e e')) -> encl r e ->
  encl (\big[f/r]_(i < n) F i) (foldr (fun i => op (G i)) e (iota 0 n)).
Proof.
move=> f_op r_in; rewrite unlock /index_enum -enumT -val_enum_ord foldr_map.
by elim: (enum _) => //= i s IHs; apply: f_op => //; exact: FG.
Qed.
Lemma encl_sum : encl (\sum_(i < n) F i) (total n G).
Proof. apply: fold_encl => [*|]; [exact: encl_add|exact: encl0]. Qed.
Lemma encl_bigmax r e : encl r e -> encl (\big[Num.max/r]_(i < n) F i) (highest e n G).
Proof. apply: fold_encl; exact: encl_max. Qed.
Lemma encl_bigmin r e : encl r e -> encl (\big[Num.min/r]_(i < n) F i) (lowest e n G).
Proof. apply: fold_encl; exact: encl_min. Qed.
End Families.

End Enclosed.

Lemma encl_sqrt (R : rcfType) (r : R) e : encl r e -> encl (Num.sqrt r) (root e).
Proof.
case: e => [[a b]|] //=; set low := if _ then _ else root_of a _; set high := if _ then _ else root_of b _.
case: ifP => //= /andP[/andP[low_ok high_ok] high_ge0] /andP[ar rb].
apply/andP; split.
  rewrite /low in low_ok *; case: ifP low_ok => [_ _|_ /Q2R_le].
    by rewrite Q2R0 sqrtr_ge0.
  move=> /(_ R); rewrite Q2R_mult => le_a.
  apply: le_trans (ler_norm _) _; rewrite -sqrtr_sqr ler_wsqrtr // expr2; exact: le_trans ar.
have : 0 <= Q2R R high by rewrite -(Q2R0 R) Q2R_le.
rewrite /high in high_ok *; case: ifP high_ok => [/Q2R_le b_le0 _ _|_ /Q2R_le].
  have := b_le0 R; rewrite Q2R0 => {}b_le0.
  by rewrite ler0_sqrtr ?Q2R0 // (le_trans rb).
move=> /(_ R); rewrite Q2R_mult => b_le high0.
rewrite -(ger0_norm high0) -sqrtr_sqr ler_wsqrtr // expr2; exact: le_trans b_le.
Qed.

(* -------------------------------------------------------------------------------------------------- points *)

Definition points (R : realFieldType) d (data : seq (seq Q)) n (i : 'I_n) : 'rV[R]_d :=
  \row_l Q2R R (nth zero (nth [::] data i) l).
Definition values (R : realFieldType) (data : seq Q) n (i : 'I_n) : R := Q2R R (nth zero data i).
Definition table (R : realFieldType) (data : seq (seq Q)) n p (i : 'I_n) (j : 'I_p) : R :=
  Q2R R (nth zero (nth [::] data i) j).
Definition vector (R : realFieldType) d (data : seq Q) : 'rV[R]_d := \row_l Q2R R (nth zero data l).

Definition norm_1 (R : realFieldType) d (u : 'rV[R]_d) : R := \sum_(l < d) `|u 0 l|.
Definition norm_sup (R : realFieldType) d (u : 'rV[R]_d) : R := \big[Num.max/0]_(l < d) `|u 0 l|.
Definition dot (R : realFieldType) d (u v : 'rV[R]_d) : R := \sum_(l < d) u 0 l * v 0 l.
Definition norm_2 (R : rcfType) d (u : 'rV[R]_d) : R := Num.sqrt (dot u u).

Section Points.
Variables (R : realFieldType) (d : nat).
Implicit Types (u v : 'rV[R]_d) (r : R) (e : enclosure).

Lemma encl_table data n p (i : 'I_n) (j : 'I_p) k h : val i = k -> val j = h ->
  encl (table R data i j) (exactly (nth zero (nth [::] data k) h)).
Proof. by move=> <- <-; apply: encl_exactly. Qed.
Lemma encl_values data n (i : 'I_n) k : val i = k -> encl (values R data i) (exactly (nth zero data k)).
Proof. by move=> <-; apply: encl_exactly. Qed.
Lemma encl_points data n (i : 'I_n) (l : 'I_d) k h : val i = k -> val l = h ->
  encl (points R d data i 0 l) (exactly (nth zero (nth [::] data k) h)).
Proof. by move=> <- <-; rewrite mxE; apply: encl_exactly. Qed.
Lemma encl_vector data (l : 'I_d) h : val l = h -> encl (vector R d data 0 l) (exactly (nth zero data h)).
Proof. by move=> <-; rewrite mxE; apply: encl_exactly. Qed.
Lemma encl_origin (l : 'I_d) : encl ((0 : 'rV[R]_d) 0 l) (exactly zero).
Proof. by rewrite mxE encl0. Qed.
Lemma encl_vector_add u v l e e' : encl (u 0 l) e -> encl (v 0 l) e' -> encl ((u + v) 0 l) (add e e').
Proof. by rewrite mxE; apply: encl_add. Qed.
Lemma encl_vector_opp u l e : encl (u 0 l) e -> encl ((- u) 0 l) (opp e).
Proof. by rewrite mxE; apply: encl_opp. Qed.
Lemma encl_vector_scale r u l e e' : encl r e -> encl (u 0 l) e' -> encl ((r *: u) 0 l) (mul e e').
Proof. by rewrite mxE; apply: encl_mul. Qed.
Lemma encl_vector_sum n (F : 'I_n -> 'rV[R]_d) l G : (forall i k, val i = k -> encl (F i 0 l) (G k)) ->
  encl ((\sum_(i < n) F i) 0 l) (total n G).
Proof. by rewrite summxE; apply: encl_sum. Qed.

Lemma encl_norm_1 u G : (forall l k, val l = k -> encl (u 0 l) (G k)) ->
  encl (norm_1 u) (total d (fun k => absolute (G k))).
Proof. by move=> uG; apply: encl_sum => l k lk; apply: encl_abs; apply: uG. Qed.
Lemma encl_norm_sup u G : (forall l k, val l = k -> encl (u 0 l) (G k)) ->
  encl (norm_sup u) (highest (exactly zero) d (fun k => absolute (G k))).
Proof. by move=> uG; apply: encl_bigmax (encl0 R) => l k lk; apply: encl_abs; apply: uG. Qed.
Lemma encl_dot u v G H : (forall l k, val l = k -> encl (u 0 l) (G k)) ->
  (forall l k, val l = k -> encl (v 0 l) (H k)) -> encl (dot u v) (total d (fun k => mul (G k) (H k))).
Proof. by move=> uG vH; apply: encl_sum => l k lk; apply: encl_mul; [apply: uG | apply: vH]. Qed.

(* The laws of a norm, and of an inner product. *)

Lemma norm_1D u v : norm_1 (u + v) <= norm_1 u + norm_1 v.
Proof. by rewrite -big_split; apply: ler_sum => l _; rewrite mxE ler_norm_add. Qed.
Lemma norm_1Z r u : norm_1 (r *: u) = `|r| * norm_1 u.
Proof. by rewrite mulr_sumr; apply: eq_bigr => l _; rewrite mxE normrM. Qed.

Lemma norm_sup_ge0 u : 0 <= norm_sup u.
Proof. by rewrite /norm_sup; elim/big_rec: _ => // l r _ r_ge0; rewrite le_maxr r_ge0 orbT. Qed.
Lemma norm_sup_ge u l : `|u 0 l| <= norm_sup u.
Proof.
have : l \in index_enum [finType of 'I_d] by exact: mem_index_enum.
rewrite /norm_sup; elim: (index_enum _) => // j s IHs; rewrite in_cons big_cons le_maxr.
by case/orP => [/eqP->|/IHs->]; rewrite ?lexx ?orbT.
Qed.
Lemma norm_sup_le u r : 0 <= r -> (forall l, `|u 0 l| <= r) -> norm_sup u <= r.
Proof. by move=> r_ge0 u_le; rewrite /norm_sup; elim/big_rec: _ => // l s _ s_le; rewrite le_maxl u_le. Qed.
Lemma norm_supD u v : norm_sup (u + v) <= norm_sup u + norm_sup v.
Proof.
apply: norm_sup_le => [|l]; first by rewrite addr_ge0 ?norm_sup_ge0.
by rewrite mxE (le_trans (ler_norm_add _ _)) // ler_add ?norm_sup_ge.
Qed.
Lemma norm_supZ r u : norm_sup (r *: u) = `|r| * norm_sup u.
Proof.
apply/eqP; rewrite eq_le; apply/andP; split.
  apply: norm_sup_le => [|l]; first by rewrite mulr_ge0 ?norm_sup_ge0.
  by rewrite mxE normrM ler_wpmul2l ?norm_sup_ge.
have [->|r0] := eqVneq r 0; first by rewrite normr0 mul0r norm_sup_ge0.
rewrite -ler_pdivl_mull ?normr_gt0 //; apply: norm_sup_le => [|l]; first by rewrite mulr_ge0 ?invr_ge0 ?norm_sup_ge0.
by rewrite ler_pdivl_mull ?normr_gt0 // -normrM (le_trans _ (norm_sup_ge (r *: u) l)) // mxE.
Qed.

Lemma dotC u v : dot u v = dot v u.
Proof. by apply: eq_bigr => l _; rewrite mulrC. Qed.
Lemma dotZ r u v : dot (r *: u) v = r * dot u v.
Proof. by rewrite mulr_sumr; apply: eq_bigr => l _; rewrite mxE mulrA. Qed.
Lemma dotD u u' v : dot (u + u') v = dot u v + dot u' v.
Proof. by rewrite -big_split; apply: eq_bigr => l _; rewrite mxE mulrDl. Qed.
Lemma dot_ge0 u : 0 <= dot u u.
Proof. by apply: sumr_ge0 => l _; rewrite -expr2 sqr_ge0. Qed.
Lemma dot_lagrange u v : \sum_(l < d) \sum_(h < d) (u 0 l * v 0 h - u 0 h * v 0 l) ^+ 2
  = 2%:R * (dot u u * dot v v - dot u v ^+ 2).
Proof.
pose f l h := u 0 l * u 0 l * (v 0 h * v 0 h).
pose g l h := u 0 l * v 0 l * (u 0 h * v 0 h).
have -> : dot u u * dot v v = \sum_(l < d) \sum_(h < d) f l h.
  by rewrite mulr_suml; apply: eq_bigr => l _; rewrite mulr_sumr.
have -> : dot u v ^+ 2 = \sum_(l < d) \sum_(h < d) g l h.
  by rewrite expr2 mulr_suml; apply: eq_bigr => l _; rewrite mulr_sumr.
have -> : 2%:R * ((\sum_(l < d) \sum_(h < d) f l h) - \sum_(l < d) \sum_(h < d) g l h)
  = \sum_(l < d) \sum_(h < d) (f l h + f h l - 2%:R * g l h).
  have -> : 2%:R * ((\sum_(l < d) \sum_(h < d) f l h) - \sum_(l < d) \sum_(h < d) g l h)
    = (\sum_(l < d) \sum_(h < d) f l h) + (\sum_(l < d) \sum_(h < d) f h l)
      - 2%:R * (\sum_(l < d) \sum_(h < d) g l h).
    by rewrite [X in _ + X - _]exchange_big; set s := \sum_(_ < _) _; set t := \sum_(_ < _) _; ring.
  rewrite mulr_sumr -big_split /= -sumrB; apply: eq_bigr => l _.
  by rewrite mulr_sumr -big_split /= -sumrB.
by apply: eq_bigr => l _; apply: eq_bigr => h _; rewrite /f /g; ring.
Qed.
Lemma dot_schwarz u v : dot u v ^+ 2 <= dot u u * dot v v.
Proof.
rewrite -subr_ge0 -(@pmulr_rge0 _ 2%:R) ?ltr0n // -dot_lagrange.
by apply: sumr_ge0 => l _; apply: sumr_ge0 => h _; apply: sqr_ge0.
Qed.
End Points.

Lemma norm_2Z (R : rcfType) d (r : R) (u : 'rV[R]_d) : norm_2 (r *: u) = `|r| * norm_2 u.
Proof. by rewrite /norm_2 dotZ dotC dotZ mulrA -expr2 sqrtrM ?sqr_ge0 // sqrtr_sqr. Qed.
Lemma norm_2D (R : rcfType) d (u v : 'rV[R]_d) : norm_2 (u + v) <= norm_2 u + norm_2 v.
Proof.
have ge0 (w : 'rV[R]_d) : 0 <= norm_2 w by apply: sqrtr_ge0.
have sum_ge0 : 0 <= norm_2 u + norm_2 v by rewrite addr_ge0.
rewrite -(ger0_norm sum_ge0) -sqrtr_sqr; apply: ler_wsqrtr.
rewrite dotD !(dotC _ (u + v)) !dotD sqrrD !sqr_sqrtr ?dot_ge0 // (dotC v u) addrA ler_add2r -addrA ler_add2l -mulr2n.
rewrite ler_muln2r /=; apply: le_trans (ler_norm _) _.
by rewrite -sqrtr_sqr -sqrtrM ?dot_ge0 // ler_wsqrtr ?dot_schwarz.
Qed.
Lemma encl_norm_2 (R : rcfType) d (u : 'rV[R]_d) G : (forall l k, val l = k -> encl (u 0 l) (G k)) ->
  encl (norm_2 u) (root (total d (fun k => mul (G k) (G k)))).
Proof. by move=> uG; apply: encl_sqrt; apply: encl_dot. Qed.

(* -------------------------------------------------------------------------------------------------- claims *)

(** What Coq decides by computing: once b is true, P holds. *)
Definition once (b : bool) (P : Prop) := b -> P.
Lemma computed b P : once b P -> b -> P. Proof. by []. Qed.

Section Claims.
Variable R : realFieldType.
Implicit Types (r s : R) (P : Prop) (b c : bool).

Lemma at_most_le r s e e' : encl r e -> encl s e' -> at_most e e' -> r <= s.
Proof.
by case: e e' => [[x y]|] [[t z]|] //= /andP[_ ry] /andP[ts _] /Q2R_le yt; exact: le_trans ry (le_trans (yt R) ts).
Qed.
Lemma above_lt r s e e' : encl r e -> encl s e' -> above e e' -> s < r.
Proof.
case: e e' => [[x y]|] [[t z]|] //= /andP[xr _] /andP[_ sz] /Q2R_lt zx.
exact: le_lt_trans sz (lt_le_trans (zx R) xr).
Qed.

Lemma once_le r s e e' : encl r e -> encl s e' -> once (at_most e e') (r <= s).
Proof. exact: at_most_le. Qed.
Lemma once_lt r s e e' : encl r e -> encl s e' -> once (above e' e) (r < s).
Proof. by move=> re se above_e; apply: above_lt above_e. Qed.
Lemma once_eq r s e e' : encl r e -> encl s e' -> once (at_most e e' && at_most e' e) (r = s).
Proof. by move=> re se /andP[le_ee le_ee']; apply/eqP; rewrite eq_le (at_most_le re se) ?(at_most_le se re). Qed.
Lemma once_not_le r s e e' : encl r e -> encl s e' -> once (above e e') (~ r <= s).
Proof. by move=> re se above_e; apply/negP; rewrite -ltNge; apply: above_lt above_e. Qed.
Lemma once_not_eq r s e e' : encl r e -> encl s e' -> once (above e e' || above e' e) (~ r = s).
Proof.
move=> re se /orP[/(above_lt re se)|/(above_lt se re)] lt eq_rs; move: lt; by rewrite eq_rs ltxx.
Qed.
Lemma once_all n (P : 'I_n -> Prop) (b : nat -> bool) :
  (forall i k, val i = k -> once (b k) (P i)) -> once (all b (iota 0 n)) (forall i, P i).
Proof. by move=> bP /allP all_b i; apply: (bP i _ erefl); apply: all_b; rewrite mem_iota /=. Qed.
Lemma once_not_imply b c P P' : once b P -> once c (~ P') -> once (b && c) (~ (P -> P')).
Proof. by move=> bP cP' /andP[/bP p /cP' not_p'] claim; apply: not_p'; apply: claim. Qed.
Lemma once_not_all T (t : T) (P : T -> Prop) b : once b (~ P t) -> once b (~ (forall t, P t)).
Proof. by move=> bP /bP not_P claim; apply: not_P. Qed.
End Claims.

Lemma some_field : exists R : realFieldType, True.
Proof. by exists [realFieldType of rat]. Qed.

(* ------------------------------------------------------------------------------------------------- tactics *)

Ltac place := solve [eassumption | reflexivity].

Ltac enclosed :=
  lazymatch goal with
  | |- is_true (encl ?r _) =>
    lazymatch r with
    | @GRing.zero _ => eapply encl0
    | @GRing.one _ => eapply encl1
    | @GRing.natmul _ (@GRing.one _) _ => eapply encl_nat
    | @GRing.add _ _ _ => eapply encl_add; enclosed
    | @GRing.opp _ _ => eapply encl_opp; enclosed
    | @GRing.mul _ _ _ => eapply encl_mul; enclosed
    | @GRing.inv _ _ => eapply encl_inv; enclosed
    | @GRing.exp _ _ _ => eapply encl_power; enclosed
    | @Num.norm _ _ _ => eapply encl_abs; enclosed
    | Num.max _ _ => eapply encl_max; enclosed
    | Num.min _ _ => eapply encl_min; enclosed
    | Num.sqrt _ => eapply encl_sqrt; enclosed
    | \sum_(i < _) _ => eapply encl_sum; intros ? ? ?; enclosed
    | \big[Num.max/_]_(i < _) _ => eapply encl_bigmax; [intros ? ? ?; enclosed | enclosed]
    | \big[Num.min/_]_(i < _) _ => eapply encl_bigmin; [intros ? ? ?; enclosed | enclosed]
    | norm_1 _ => eapply encl_norm_1; intros ? ? ?; enclosed
    | norm_2 _ => eapply encl_norm_2; intros ? ? ?; enclosed
    | norm_sup _ => eapply encl_norm_sup; intros ? ? ?; enclosed
    | dot _ _ => eapply encl_dot; intros ? ? ?; enclosed
    | Q2R _ _ => eapply encl_exactly
    | values _ _ _ => eapply encl_values; place
    | table _ _ _ _ => eapply encl_table; place
    | @fun_of_matrix _ _ _ ?u _ _ =>
      lazymatch u with
      | points _ _ _ _ => eapply encl_points; place
      | vector _ _ _ => eapply encl_vector; place
      | @GRing.zero _ => eapply encl_origin
      | @GRing.add _ _ _ => eapply encl_vector_add; enclosed
      | @GRing.opp _ _ => eapply encl_vector_opp; enclosed
      | @GRing.scale _ _ _ _ => eapply encl_vector_scale; enclosed
      | \sum_(i < _) _ => eapply encl_vector_sum; intros ? ? ?; enclosed
      end
    end
  end.

Ltac decided late :=
  lazymatch goal with
  | |- once _ (~ is_true (_ <= _)) => eapply once_not_le; enclosed
  | |- once _ (~ (_ = _ :> _)) => eapply once_not_eq; enclosed
  | |- once _ (~ (forall _ : ?A, _)) =>
    lazymatch type of A with
    | Prop => eapply once_not_imply; [decided late | decided late]
    | _ => eapply (@once_not_all _ late); decided late
    end
  | |- once _ (is_true (_ <= _)) => eapply once_le; enclosed
  | |- once _ (is_true (_ < _)) => eapply once_lt; enclosed
  | |- once _ (_ = _) => eapply once_eq; enclosed
  | |- once _ (forall _, _) => eapply once_all; intros ? ? ?; decided late
  end.

(** Refute a claim, its variables given: the premises are computed to hold, the conclusion to fail. *)
Ltac refute late :=
  lazymatch goal with |- ?claim -> False => change (~ claim) end;
  eapply computed; [decided late | vm_compute; reflexivity].
