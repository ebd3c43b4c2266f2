(** Plausible statements near the Euclidean theorems that are false, each refuted by a counterexample.

    U4 and L1 are Euclidean: they fail in other norms, already in the plane with
      norm_1 d u     \sum_(l < d) `|u 0 l|              sum of the coordinates' sizes
      norm_sup d u   \big[Num.max/0]_(l < d) `|u 0 l|   largest of them
    Of U5, L1 and the coordinate-wise maximum one part at a time is changed; V, ip and the other letters as in Inner.v
    and Euclid.v. The points of each counterexample stand in front of it. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner Euclid Ladder.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

Notation norm_1 d u := (\sum_(l < d) `|u 0 l|) (only parsing).
Notation norm_sup d u := (\big[Num.max/0]_(l < d) `|u 0 l|) (only parsing).
Notation rationals := [realFieldType of rat].

(** A family of two. *)
Definition two T (u v : T) (i : 'I_2) : T := if i == ord0 then u else v.

Lemma sum_two (V : zmodType) T (f : T -> V) u v : \sum_(i < 2) f (two u v i) = f u + f v.
Proof. by rewrite big_ord_recl big_ord1. Qed.

(** Points of the plane, and their lengths. *)
Definition point (R : ringType) (a b : R) : 'rV[R]_2 := \row_(l < 2) two a b l.

Lemma pointD (R : ringType) (a b a' b' : R) : point a b + point a' b' = point (a + a') (b + b').
Proof. by apply/rowP => l; rewrite !mxE /two; case: ifP. Qed.

Lemma pointZ (R : ringType) (c a b : R) : c *: point a b = point (c * a) (c * b).
Proof. by apply/rowP => l; rewrite !mxE /two; case: ifP. Qed.

Lemma pointB (R : ringType) (a b a' b' : R) : point a b - point a' b' = point (a - a') (b - b').
Proof. by rewrite -(scaleN1r (point a' b')) pointZ pointD !mulN1r. Qed.

Lemma norm_1_point (R : realFieldType) (a b : R) : norm_1 2 (point a b) = `|a| + `|b|.
Proof. by rewrite big_ord_recl big_ord1 !mxE. Qed.

Lemma norm_sup_point (R : realFieldType) (a b : R) : norm_sup 2 (point a b) = Num.max `|a| (Num.max `|b| 0).
Proof. by rewrite !big_ord_recl big_ord0 !mxE. Qed.

Lemma norm_1N (R : realFieldType) d (u : 'rV[R]_d) : norm_1 d (- u) = norm_1 d u.
Proof. by apply: eq_bigr => l _; rewrite mxE normrN. Qed.

Lemma norm_supN (R : realFieldType) d (u : 'rV[R]_d) : norm_sup d (- u) = norm_sup d u.
Proof. by apply: eq_bigr => l _; rewrite mxE normrN. Qed.

Lemma norm_10 (R : realFieldType) d : norm_1 d (0 : 'rV[R]_d) = 0.
Proof. by apply: big1 => l _; rewrite mxE normr0. Qed.

Lemma norm_sup0 (R : realFieldType) d : norm_sup d (0 : 'rV[R]_d) = 0.
Proof. by elim/big_ind: _ => // [a b -> ->|l _]; rewrite ?maxxx // mxE normr0. Qed.

(* ----------------------------------------------------------------------------------------------- U4 in other norms *)

(** U4 with the norm N. *)
Notation U4_with N R V :=
  (forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
     (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
     N (centroid n x - centroid p z) ^+ 2
     <= (\mean_(i < n.+1) (m + \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)) ^+ 2)
        - \mean_(i < n.+1) N (x i - centroid n x) ^+ 2) (only parsing).

(** U4 forces one half of the parallelogram law: x = a, b and z = w = e, m = 0. *)
Lemma U4_two (R : realFieldType) (V : lmodType R) (N : V -> R) (a b c e : V) : U4_with N R V ->
  c = 2%:R^-1 *: (a + b) ->
  N (c - e) ^+ 2 + 2%:R^-1 * (N (a - c) ^+ 2 + N (b - c) ^+ 2) <= 2%:R^-1 * (N (a - e) ^+ 2 + N (b - e) ^+ 2).
Proof.
move=> variance cE; have := variance 1%N 0%N 0%N (two a b) (fun=> e) (fun=> e) 0.
rewrite (sum_two id) big_ord1 invr1 scale1r -cE.
under [in X in _ <= X - _]eq_bigr do rewrite bigmin_const add0r.
rewrite (sum_two (fun u => N (u - e) ^+ 2)) (sum_two (fun u => N (u - c) ^+ 2)).
by rewrite -ler_subr_addr => -> // i j k; rewrite subrr.
Qed.

(** x = (1, -1), (-1, 1), z = w = (1, 1), m = 0: the centroids are 2 apart, U4 says 0. *)
Theorem U4_norm_1_false :
  ~ (forall (R : realFieldType) (d n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d) (z : 'I_p.+1 -> 'rV[R]_d)
       (w : 'I_q.+1 -> 'rV[R]_d) (m : R),
     (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), norm_1 d (x i - z j) - norm_1 d (x i - w k) <= m) ->
     norm_1 d (centroid n x - centroid p z) ^+ 2
     <= (\mean_(i < n.+1) (m + \big[Num.min/norm_1 d (x i - w ord0)]_(k < q.+1) norm_1 d (x i - w k)) ^+ 2)
        - \mean_(i < n.+1) norm_1 d (x i - centroid n x) ^+ 2).
Proof.
move=> /(_ rationals 2%N) variance.
have := U4_two (N := fun u : 'rV[rat]_2 => norm_1 2 u) (a := point 1 (-1)) (b := point (-1) 1) (point 1 1) variance erefl.
by rewrite pointD pointZ !pointB !norm_1_point; vm_compute.
Qed.

(** x = (0, 1), (0, -1), z = w = (1, 0), m = 0: the centroids are 1 apart, U4 says 0. *)
Theorem U4_norm_sup_false :
  ~ (forall (R : realFieldType) (d n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d) (z : 'I_p.+1 -> 'rV[R]_d)
       (w : 'I_q.+1 -> 'rV[R]_d) (m : R),
     (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), norm_sup d (x i - z j) - norm_sup d (x i - w k) <= m) ->
     norm_sup d (centroid n x - centroid p z) ^+ 2
     <= (\mean_(i < n.+1) (m + \big[Num.min/norm_sup d (x i - w ord0)]_(k < q.+1) norm_sup d (x i - w k)) ^+ 2)
        - \mean_(i < n.+1) norm_sup d (x i - centroid n x) ^+ 2).
Proof.
move=> /(_ rationals 2%N) variance.
have := U4_two (N := fun u : 'rV[rat]_2 => norm_sup 2 u) (a := point 0 1) (b := point 0 (-1)) (point 1 0) variance erefl.
by rewrite pointD pointZ !pointB !norm_sup_point; vm_compute.
Qed.

Lemma norm_1D (R : realFieldType) d (u v : 'rV[R]_d) : norm_1 d (u + v) <= norm_1 d u + norm_1 d v.
Proof. by rewrite -big_split; apply: ler_sum => l _; rewrite mxE ler_norm_add. Qed.

Lemma norm_1Z (R : realFieldType) d (a : R) (v : 'rV[R]_d) : norm_1 d (a *: v) = `|a| * norm_1 d v.
Proof. by rewrite mulr_sumr; apply: eq_bigr => l _; rewrite mxE normrM. Qed.

(** So U4 is no theorem about all norms. *)
Theorem variance_any_norm_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
     (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
     forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
     (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
     N (centroid n x - centroid p z) ^+ 2
     <= (\mean_(i < n.+1) (m + \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)) ^+ 2)
        - \mean_(i < n.+1) N (x i - centroid n x) ^+ 2).
Proof. by move=> variance; apply: U4_norm_1_false => R d; exact: variance (@norm_1D R d) (@norm_1Z R d). Qed.

(* ----------------------------------------------------------------------------------------------- L1 in other norms *)

(** L1 at x = 0 and two points w. *)
Lemma L1_two (R : realFieldType) (V : lmodType R) (N : V -> R) (a b : V) (mu L : R) :
  (forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1), N (x i - x i') <= N (x i - w k) - mu) ->
     (forall (k k' : 'I_q.+1) (i : 'I_n.+1), N (w k - w k') <= N (w k - x i) - mu) ->
     mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k)) - mu)
     <= N (centroid n x - centroid q w) ^+ 2) ->
  (forall v, N (- v) = N v) -> N 0 = 0 -> N a = L -> N b = L -> 0 <= L - mu -> N (a - b) <= L - mu ->
  mu * (2%:R * L - mu) <= N (2%:R^-1 *: (a + b)) ^+ 2.
Proof.
move=> L1 even N0 aL bL mu_le near_ab.
have near_x (i i' : 'I_1) (k : 'I_2) : N (0 - 0) <= N (0 - two a b k) - mu.
  by rewrite subrr N0 sub0r even /two; case: ifP; rewrite ?aL ?bL.
have near_w (k k' : 'I_2) (i : 'I_1) : N (two a b k - two a b k') <= N (two a b k - 0) - mu.
  by rewrite subr0 /two; do 2?case: ifP => _; rewrite ?subrr ?N0 ?aL ?bL // -even opprB.
have := L1 0%N 1%N (fun=> 0) (two a b) mu near_x near_w.
rewrite !big_ord1 invr1 scale1r mul1r (sum_two id) (sum_two (fun u => N (0 - u))) !sub0r !even aL bL.
by rewrite -mulr2n -[L *+ 2]mulr_natl mulKf ?pnatr_eq0.
Qed.

(** x = 0, w = (3, 1), (3, -1), mu = 2: the centroids are 3 apart, L1 says 12 <= 9. *)
Theorem L1_norm_1_false :
  ~ (forall (R : realFieldType) (d n q : nat) (x : 'I_n.+1 -> 'rV[R]_d) (w : 'I_q.+1 -> 'rV[R]_d) (mu : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1), norm_1 d (x i - x i') <= norm_1 d (x i - w k) - mu) ->
     (forall (k k' : 'I_q.+1) (i : 'I_n.+1), norm_1 d (w k - w k') <= norm_1 d (w k - x i) - mu) ->
     mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) norm_1 d (x i - w k)) - mu)
     <= norm_1 d (centroid n x - centroid q w) ^+ 2).
Proof.
move=> /(_ rationals 2%N) L1.
have := L1_two (N := fun u : 'rV[rat]_2 => norm_1 2 u) (a := (point 3%:R 1)) (b := (point 3%:R (-1)))
  (mu := 2%:R) (L := 4%:R) L1 (@norm_1N _ _) (@norm_10 _ _).
rewrite pointD pointZ pointB !norm_1_point => absurd.
by refine ((_ : _ -> False) (absurd _ _ _ _)); vm_compute.
Qed.

(** x = 0, w = (4, 2), (2, 4), mu = 2: the same, turned by an eighth. *)
Theorem L1_norm_sup_false :
  ~ (forall (R : realFieldType) (d n q : nat) (x : 'I_n.+1 -> 'rV[R]_d) (w : 'I_q.+1 -> 'rV[R]_d) (mu : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1), norm_sup d (x i - x i') <= norm_sup d (x i - w k) - mu) ->
     (forall (k k' : 'I_q.+1) (i : 'I_n.+1), norm_sup d (w k - w k') <= norm_sup d (w k - x i) - mu) ->
     mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) norm_sup d (x i - w k)) - mu)
     <= norm_sup d (centroid n x - centroid q w) ^+ 2).
Proof.
move=> /(_ rationals 2%N) L1.
have := L1_two (N := fun u : 'rV[rat]_2 => norm_sup 2 u) (a := (point 4%:R 2%:R)) (b := (point 2%:R 4%:R))
  (mu := 2%:R) (L := 4%:R) L1 (@norm_supN _ _) (@norm_sup0 _ _).
rewrite pointD pointZ pointB !norm_sup_point => absurd.
by refine ((_ : _ -> False) (absurd _ _ _ _)); vm_compute.
Qed.

Theorem L1_any_norm_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
     (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
     forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1), N (x i - x i') <= N (x i - w k) - mu) ->
     (forall (k k' : 'I_q.+1) (i : 'I_n.+1), N (w k - w k') <= N (w k - x i) - mu) ->
     mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k)) - mu)
     <= N (centroid n x - centroid q w) ^+ 2).
Proof. by move=> L1; apply: L1_norm_1_false => R d; exact: L1 (@norm_1D R d) (@norm_1Z R d). Qed.

(* -------------------------------------------------------------------------------------- U5 and L1, one part changed *)

Set Warnings "-inconsistent-scopes".

(** A statement about Euclidean spaces, read on the line. *)
Notation on_the_line R statement := (statement [lmodType R of R^o] (fun u v : R^o => u * v : R)
  (ip_sym (line_semi_inner R)) (ip_scale (line_semi_inner R)) (ip_add (line_semi_inner R))
  (ip_ge0 (line_semi_inner R))).

(** - 2 Var z in place of - Var z: x = 0, z = 1, -1, w = 1, m = 0, m' = 1. U5 says 0 <= 0, this 0 <= -1. *)
Theorem U5_two_spreads_false (R : rcfType) :
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  (forall (j : 'I_p.+1) (i : 'I_n.+1) (k : 'I_q.+1), dist ip (z j) (x i) - dist ip (z j) (w k) <= m') ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= (\mean_(i < n.+1) \mean_(j < p.+1) Num.min (m + near ip q w (x i)) (m' + near ip q w (z j)) ^+ 2)
     - spread ip n x - 2%:R * spread ip p z).
Proof.
move=> statement; have := on_the_line R statement 0%N 1%N 0%N (fun=> 0) (two 1 (-1)) (fun=> 1) 0 1.
have plus_one : `|- 1 - 1| = 2%:R :> R by rewrite -opprD normrN ger0_norm ?addr_ge0 ?ler01.
have le12 : 1 <= 1 + 2%:R :> R by rewrite ler_addl ler0n.
rewrite (sum_two id) !big_ord1 !invr1 !scale1r !mul1r subrr scaler0.
rewrite !big_ord_recl !big_ord0 /two /= !line_norm.
rewrite !(sub0r, subrr, subr0, add0r, addr0, normr0, normrN, normr1) !minxx plus_one.
have half : 2%:R^-1 * (1 + 1) = 1 :> R by rewrite -mulr2n mulVf ?pnatr_eq0.
have minus_one : 1 - 0 - 2%:R * 1 = - 1 :> R by ring.
rewrite addr0 minxx (min_l le12) expr0n !expr1n half minus_one oppr_ge0 ler10 => absurd.
suff: false by []; apply: absurd => [i j k|j i k].
  by rewrite line_norm sub0r normrN; case: ifP => _; rewrite ?normrN normr1 subrr.
rewrite subr0 !line_norm; case: ifP => _; first by rewrite subrr normr0 subr0 normr1.
by rewrite normrN normr1 plus_one ler_subl_addr.
Qed.

(** Without the second premise: x = 0, w = 1, -1, mu = 1. *)
Theorem L1_one_premise_false (R : rcfType) :
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') <= dist ip (x i) (w k) - mu) ->
  mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) - mu)
  <= dist ip (centroid n x) (centroid q w) ^+ 2).
Proof.
move=> statement; have := on_the_line R statement 0%N 1%N (fun=> 0) (two 1 (-1)) 1.
have half : 2%:R^-1 * (1 + 1) = 1 :> R by rewrite -mulr2n mulVf ?pnatr_eq0.
have one : 2%:R * 1 - 1 = 1 :> R by ring.
rewrite (sum_two id) !big_ord1 !invr1 !scale1r !mul1r (subrr 1) scaler0.
rewrite !big_ord_recl !big_ord0 /two /= !line_norm.
rewrite !(sub0r, subrr, subr0, add0r, addr0, normr0, normrN, normr1) half one expr0n ler10 => absurd.
suff: false by []; apply: absurd => i i' k.
by rewrite !(line_norm, sub0r, normrN); case: ifP => _; rewrite ?normrN normr1 subrr.
Qed.

(* ------------------------------------------------------------------- the coordinate-wise maximum, Euclidean length *)

Notation dist_2 d u v := (Num.sqrt (\sum_(l < d) (u 0 l - v 0 l) ^+ 2)) (only parsing).

(** x = (0, 0), z = (1, 0), (0, 1), w = (1, 0), m = 0: the maxima (0, 0) and (1, 1) are further apart than 1. *)
Theorem coordinate_max_without_root_false (R : rcfType) :
  ~ (forall (d n p q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist_2 d.+1 (x i) (z j) - dist_2 d.+1 (x i) (w k) <= m) ->
  Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l)
                          - (\big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l)) ^+ 2)
  <= m + \big[Num.max/(\big[Num.min/dist_2 d.+1 (x ord0) (w ord0)]_(k < q.+1) dist_2 d.+1 (x ord0) (w k))]_(i < n.+1)
           \big[Num.min/dist_2 d.+1 (x i) (w ord0)]_(k < q.+1) dist_2 d.+1 (x i) (w k)).
Proof.
have length (a b : R) : dist_2 2 (point 0 0) (point a b) = Num.sqrt (a ^+ 2 + b ^+ 2).
  by rewrite big_ord_recl big_ord1 !mxE /two /= !sub0r !sqrrN.
move=> /(_ 1%N 0%N 1%N 0%N (fun=> point 0 0) (two (point 1 0) (point 0 1)) (fun=> point 1 0) 0).
rewrite add0r bigmax_const bigmin_const length expr1n expr0n addr0 sqrtr1.
rewrite !big_ord_recl !big_ord0 !mxE /two /= ?mxE /two /=.
rewrite !(maxxx, max_l ler01, max_r ler01) !sub0r !sqrrN !expr1n addr0.
have gt1 : 1 < Num.sqrt (1 + 1) :> R by rewrite -{1}sqrtr1 ltr_sqrt ?ltr_addl ?addr_gt0 ?ltr01.
rewrite (lt_geF gt1) => absurd; suff: false by []; apply: absurd => i j k.
by case: ifP => _; rewrite length !(expr1n, expr0n) /= ?addr0 ?add0r sqrtr1 subrr.
Qed.
(* ----------------------------------------------------------------------------------- as the bounds in Python say it *)

(** Coordinate by coordinate, the distance of two rows. *)
Notation apart d u v := (\big[Num.max/0]_(l < d) `|u 0 l - v 0 l|) (only parsing).

Lemma apartE (R : realFieldType) d (u v : 'rV[R]_d) : apart d u v = norm_sup d (u - v).
Proof. by apply: eq_bigr => l _; rewrite !mxE. Qed.

Lemma centroidE (R : realFieldType) d n (x : 'I_n.+1 -> 'rV[R]_d) l : centroid n x 0 l = \mean_(i < n.+1) x i 0 l.
Proof. by rewrite mxE summxE. Qed.

(** The distance of two centroids from their coordinates, and of a point from one. *)
Lemma apart_centroids (R : realFieldType) d n p (x : 'I_n.+1 -> 'rV[R]_d) (z : 'I_p.+1 -> 'rV[R]_d) :
  \big[Num.max/0]_(l < d) `|(\mean_(i < n.+1) x i 0 l) - (\mean_(j < p.+1) z j 0 l)|
  = norm_sup d (centroid n x - centroid p z).
Proof. by rewrite -apartE; apply: eq_bigr => l _; rewrite !centroidE. Qed.

Lemma apart_centroid (R : realFieldType) d n (u : 'rV[R]_d) (x : 'I_n.+1 -> 'rV[R]_d) :
  \big[Num.max/0]_(l < d) `|u 0 l - \mean_(i < n.+1) x i 0 l| = norm_sup d (u - centroid n x).
Proof. by rewrite -apartE; apply: eq_bigr => l _; rewrite centroidE. Qed.

(** U4 in the sup norm, coordinate by coordinate. *)
Theorem variance_sup_norm_false :
  ~ (forall (R : realFieldType) (d n p q : nat)
       (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R),
     (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
        (\big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l|) - (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
     (\big[Num.max/0]_(l < d.+1) `|(\mean_(i < n.+1) x i 0 l) - (\mean_(j < p.+1) z j 0 l)|) ^+ 2
     <= (\mean_(i < n.+1) (m + (\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x i 0 l - w ord0 0 l|)]_(k < q.+1)
                                   \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|)) ^+ 2)
        - \mean_(i < n.+1) (\big[Num.max/0]_(l < d.+1) `|x i 0 l - \mean_(i' < n.+1) x i' 0 l|) ^+ 2).
Proof.
move=> coordinates.
have variance : U4_with (fun u : 'rV[rat]_2 => norm_sup 2 u) rationals 'rV[rat]_2.
  move=> n p q x z w m Tm; have := coordinates rationals 1%N n p q x z w m; rewrite apart_centroids.
  have -> : \mean_(i < n.+1) (m + (\big[Num.min/apart 2 (x i) (w ord0)]_(k < q.+1) apart 2 (x i) (w k))) ^+ 2
    = \mean_(i < n.+1) (m + \big[Num.min/norm_sup 2 (x i - w ord0)]_(k < q.+1) norm_sup 2 (x i - w k)) ^+ 2.
    congr (_ * _); apply: eq_bigr => i _; rewrite apartE; congr ((_ + _) ^+ 2).
    by apply: eq_bigr => k _; rewrite apartE.
  have -> : \mean_(i < n.+1) (\big[Num.max/0]_(l < 2) `|x i 0 l - \mean_(i' < n.+1) x i' 0 l|) ^+ 2
    = \mean_(i < n.+1) norm_sup 2 (x i - centroid n x) ^+ 2.
    by congr (_ * _); apply: eq_bigr => i _; rewrite apart_centroid.
  by apply=> i j k; rewrite !apartE; apply: Tm.
have := U4_two (N := fun u : 'rV[rat]_2 => norm_sup 2 u) (a := point 0 1) (b := point 0 (-1)) (point 1 0) variance erefl.
by rewrite pointD pointZ !pointB !norm_sup_point; vm_compute.
Qed.

(** L1 in terms of m, which is minus the margin. *)
Theorem separation_any_norm_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
     (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
     forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1), N (x i - x i') - N (x i - w k) <= m) ->
     (forall (i : 'I_n.+1) (k k' : 'I_q.+1), N (w k - w k') - N (w k - x i) <= m) ->
     - (m * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k)) + m))
     <= N (centroid n x - centroid q w) ^+ 2).
Proof.
move=> L1; apply: L1_any_norm_false => R V N normD normZ n q x w mu near_x near_w.
have := L1 R V N normD normZ n q x w (- mu); rewrite mulNr opprK; apply=> [i i' k|i k k'].
  by rewrite ler_subl_addl; apply: near_x.
by rewrite ler_subl_addl; apply: near_w.
Qed.

(** L1 in the sup norm, coordinate by coordinate: x = 0, w = (4, 2), (2, 4), m = -2. *)
Theorem separation_sup_norm_false :
  ~ (forall (R : realFieldType) (d n q : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (w : 'I_q.+1 -> 'rV[R]_d.+1) (m : R),
     (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
        (\big[Num.max/0]_(l < d.+1) `|x i 0 l - x i' 0 l|) - (\big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) <= m) ->
     (forall (i : 'I_n.+1) (k k' : 'I_q.+1),
        (\big[Num.max/0]_(l < d.+1) `|w k 0 l - w k' 0 l|) - (\big[Num.max/0]_(l < d.+1) `|w k 0 l - x i 0 l|) <= m) ->
     - (m * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l|) + m))
     <= (\big[Num.max/0]_(l < d.+1) `|(\mean_(i < n.+1) x i 0 l) - (\mean_(k < q.+1) w k 0 l)|) ^+ 2).
Proof.
move=> coordinates.
have L1 (n q : nat) (x : 'I_n.+1 -> 'rV[rat]_2) (w : 'I_q.+1 -> 'rV[rat]_2) (mu : rat) :
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), norm_sup 2 (x i - x i') <= norm_sup 2 (x i - w k) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1), norm_sup 2 (w k - w k') <= norm_sup 2 (w k - x i) - mu) ->
  mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) norm_sup 2 (x i - w k)) - mu)
  <= norm_sup 2 (centroid n x - centroid q w) ^+ 2.
  move=> near_x near_w; have := coordinates rationals 1%N n q x w (- mu); rewrite mulNr opprK apart_centroids.
  have -> : \mean_(i < n.+1) \mean_(k < q.+1) apart 2 (x i) (w k) = \mean_(i < n.+1) \mean_(k < q.+1) norm_sup 2 (x i - w k).
    by congr (_ * _); apply: eq_bigr => i _; congr (_ * _); apply: eq_bigr => k _; rewrite apartE.
  by apply=> [i i' k|i k k']; rewrite !apartE ler_subl_addl; [apply: near_x | apply: near_w].
have := L1_two (N := fun u : 'rV[rat]_2 => norm_sup 2 u) (a := (point 4%:R 2%:R)) (b := (point 2%:R 4%:R))
  (mu := 2%:R) (L := 4%:R) L1 (@norm_supN _ _) (@norm_sup0 _ _).
rewrite pointD pointZ pointB !norm_sup_point => absurd.
by refine ((_ : _ -> False) (absurd _ _ _ _)); vm_compute.
Qed.

(** U5 less the spread of z once more. *)
Theorem two_sided_twice_false (R : rcfType) :
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (z j) (x i) - dist ip (z j) (w k) <= m') ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= (\mean_(i < n.+1) \mean_(j < p.+1) Num.min (m + near ip q w (x i)) (m' + near ip q w (z j)) ^+ 2)
     - spread ip n x - spread ip p z - spread ip p z).
Proof.
move=> U5; apply: (@U5_two_spreads_false R) => V ip sym scale add ge0 n p q x z w m m' Tm Tm'.
rewrite mulr_natl mulr2n opprD addrA; apply: U5 => // i j k; exact: Tm'.
Qed.

(** L1 without its second premise, in terms of m. *)
Theorem separation_alone_false (R : rcfType) :
  ~ (forall (V : lmodType R) (ip : V -> V -> R),
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') - dist ip (x i) (w k) <= m) ->
  - (m * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) + m))
  <= dist ip (centroid n x) (centroid q w) ^+ 2).
Proof.
move=> L1; apply: (@L1_one_premise_false R) => V ip sym scale add ge0 n q x w mu near_x.
have := L1 V ip sym scale add ge0 n q x w (- mu); rewrite mulNr opprK; apply=> i i' k.
by rewrite ler_subl_addl; apply: near_x.
Qed.

